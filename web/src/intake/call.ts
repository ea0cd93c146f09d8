/** An empty call form. */
import type { Nature } from "../api/types";

export const NATURES: Nature[] = [
  "help",
  "complaint",
  "inquiry",
  "denunciation",
  "suggestion",
  "praise",
];

export interface Call {
  text: string;
  place: string;
  nature: Nature;
  name: string;
  phone: string;
  callId: string;
  anonymous: boolean;
  confidential: boolean;
  attachments: string[];
}

export function emptyCall(): Call {
  return {
    text: "",
    place: "",
    nature: "help",
    name: "",
    phone: "",
    callId: "",
    anonymous: false,
    confidential: false,
    attachments: [],
  };
}
