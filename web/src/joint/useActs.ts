/** What may be done in a joint command, each as a small form. */
import type { ShallowRef } from "vue";
import { useI18n } from "vue-i18n";
import { api } from "../api/calls";
import { sentenceOf } from "../api/client";
import type { Joint, Meeting } from "../api/types";
import { nameIn } from "../i18n";
import { now } from "../ui/now";
import { toast } from "../ui/toasts";
import { cityLocal, type Choice, type Field, type Values } from "./fields";
import type { Form } from "./useForm";

const HOUR_MS = 3_600_000;

export function useActs(joint: ShallowRef<Joint | null>, ask: (form: Form) => unknown) {
  const { t } = useI18n();

  async function act(path: string, body?: unknown): Promise<void> {
    if (joint.value) joint.value = await api.jointAct(joint.value.id, path, body);
  }

  async function atOnce(path: string, body?: unknown): Promise<void> {
    try {
      await act(path, body);
    } catch (refused) {
      toast(sentenceOf(refused), { tone: "bad" });
    }
  }

  const members = (): Choice[] =>
    (joint.value?.member_list ?? []).map((m) => ({ key: m.unit, name: nameIn(m.name, m.name_en) }));

  const strands = (): Field => ({
    key: "strand",
    label: t("joint.strand"),
    kind: "choice",
    optional: true,
    options: [
      { key: "", name: t("joint.strand_all") },
      ...(joint.value?.strands ?? []).map((s) => ({
        key: s.code,
        name: nameIn(s.name, s.name_en),
      })),
    ],
  });

  function form(title: string, path: string, fields: Field[], more: Partial<Form> = {}): void {
    ask({ title, fields, send: (values: Values) => act(path, values), ...more });
  }

  return {
    member: () =>
      form(t("joint.member_add"), "members", [
        { key: "unit", label: t("joint.unit"), kind: "unit" },
      ]),
    part: () =>
      form(t("joint.part_add"), "parts", [
        { key: "unit", label: t("joint.unit"), kind: "unit" },
        { key: "text", label: t("joint.part_text"), kind: "area" },
        { key: "hours", label: t("joint.hours"), kind: "number" },
        strands(),
      ]),
    note: () =>
      form(t("joint.note"), "notes", [
        { key: "words", label: t("joint.note_words"), kind: "area" },
      ]),
    meeting: () =>
      form(t("joint.meeting_call"), "meetings", [
        { key: "subject", label: t("joint.subject"), kind: "text" },
        {
          key: "starts_at",
          label: t("joint.starts_at"),
          kind: "moment",
          value: cityLocal(now.value + HOUR_MS),
        },
        { key: "place", label: t("joint.place"), kind: "text", optional: true },
        {
          key: "units",
          label: t("joint.units"),
          kind: "units",
          options: members(),
          value: members().map((m) => m.key),
        },
      ]),
    coming: (meeting: Meeting, coming: boolean) => {
      const path = `meetings/${meeting.id}/coming`;
      if (coming) return void atOnce(path, { coming });
      return form(
        t("joint.absent"),
        path,
        [{ key: "words", label: t("joint.absent_why"), kind: "area" }],
        { send: (values) => act(path, { coming: false, ...values }) },
      );
    },
    attend: (meeting: Meeting, unit: string) => {
      const path = `meetings/${meeting.id}/attend`;
      form(
        t("joint.attend"),
        path,
        [{ key: "person", label: t("joint.person"), kind: "text", optional: true }],
        { send: (values) => act(path, { unit, attended: true, ...values }) },
      );
    },
    decide: (meeting: Meeting) =>
      form(t("joint.decide"), `meetings/${meeting.id}/decide`, [
        { key: "text", label: t("joint.decision"), kind: "area" },
        {
          key: "unit",
          label: t("joint.decision_unit"),
          kind: "choice",
          optional: true,
          options: [{ key: "", name: "—" }, ...members()],
        },
        { key: "hours", label: t("joint.hours"), kind: "number" },
        strands(),
      ]),
    endMeeting: (meeting: Meeting) =>
      form(t("joint.end_meeting"), `meetings/${meeting.id}/end`, [
        { key: "summary", label: t("joint.summary"), kind: "area", optional: true },
      ]),
    resource: () =>
      form(t("joint.resource_call"), "resources", [
        { key: "what", label: t("joint.what"), kind: "text" },
        { key: "source", label: t("joint.source"), kind: "text" },
        { key: "contact", label: t("joint.contact"), kind: "text", optional: true },
      ]),
    arrive: (resource: string) => void atOnce(`resources/${resource}/arrive`),
    answer: (code: string) => {
      const strand = joint.value?.strands.find((s) => s.code === code);
      form(
        t("joint.answer"),
        `strands/${code}/answer`,
        [
          { key: "answer", label: t("joint.answer_words"), kind: "area" },
          { key: "reply_all", label: t("joint.reply_all"), kind: "check" },
        ],
        {
          hint: `${strand ? nameIn(strand.name, strand.name_en) : ""} · ${t("joint.answer_hint")}`,
        },
      );
    },
  };
}
