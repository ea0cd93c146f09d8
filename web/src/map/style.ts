/** The map's ground: one colour. No tiles, no glyph server; letters come from local fonts. */
import type { StyleSpecification } from "maplibre-gl";
import { token } from "../ui/style";

export const MAP_FONT =
  '"Noto Sans SC","Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif';

export function groundStyle(): StyleSpecification {
  return {
    version: 8,
    sources: {},
    layers: [
      { id: "ground", type: "background", paint: { "background-color": token("--canvas") } },
    ],
  };
}
