/** An empty call form. */
import type { Correction, Nature, NewReport } from "../api/types";
import { standing } from "./corrections";

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
  /** Marks put right, each with the words that stood there then. */
  corrections: (Correction & { words: string })[];
  transfer: "110" | "119" | "120" | null;
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
    corrections: [],
    transfer: null,
  };
}

/** The form as it is sent. */
export function reportOf(call: Call, startedAt: number, why: string): NewReport {
  const { name, phone } = call;
  const told = !call.anonymous && (name.trim() || phone.trim());
  return {
    channel: "hotline",
    text: call.text.trim(),
    nature: call.nature,
    ...(call.place.trim() ? { place: call.place.trim() } : {}),
    said_at: new Date(startedAt).toISOString(),
    anonymous: call.anonymous,
    confidential: call.confidential,
    reporter: told
      ? {
          ...(name.trim() ? { name: name.trim() } : {}),
          ...(phone.trim() ? { phone: phone.trim() } : {}),
        }
      : null,
    ...(call.callId.trim()
      ? { call: { id: call.callId.trim() }, channel_id: call.callId.trim() }
      : {}),
    attachments: call.attachments,
    corrections: standing(call.corrections, call.text),
    transfer: call.transfer,
    transfer_reason: call.transfer ? why.slice(0, 500) : "",
  };
}
