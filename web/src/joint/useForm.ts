/** One small form at a time: its fields and what it does. */
import { shallowRef } from "vue";
import type { Field, Values } from "./fields";

export interface Form {
  title: string;
  hint?: string;
  fields: Field[];
  send: (values: Values) => Promise<unknown>;
}

export function useForm() {
  const form = shallowRef<Form | null>(null);
  return { form, ask: (next: Form) => (form.value = next), close: () => (form.value = null) };
}
