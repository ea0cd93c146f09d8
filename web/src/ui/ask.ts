/** One question at a time, in a dialog of its own: whoever asks may have left the page by then. */
import { shallowRef } from "vue";

export interface Question {
  title: string;
  intro: string;
  lines: string[];
  yes: string;
  answer: (yes: boolean) => void;
}

export const question = shallowRef<Question | null>(null);

/** True when the person says yes; a question that another one replaces is answered no. */
export function ask(words: Omit<Question, "answer">): Promise<boolean> {
  question.value?.answer(false);
  return new Promise((resolve) => {
    const answer = (yes: boolean) => {
      question.value = null;
      resolve(yes);
    };
    question.value = { ...words, answer };
  });
}
