/** A figure's link as the back end gives it, made an address of ours; anything foreign is no link. */
export function linkOf(link: string | null): string | undefined {
  if (!link) return undefined;
  const own = link.replace(/^\/api\/v1(?=\/)/, "");
  if (own.startsWith("?")) return `/incidents${own}`;
  return /^\/(?!\/)/.test(own) ? own : undefined;
}
