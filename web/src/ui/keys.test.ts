import { afterEach, expect, test } from "vitest";
import { commandOf, isComposing } from "./keys";

afterEach(() => document.body.replaceChildren());

function press(init: KeyboardEventInit & { keyCode?: number }, on: HTMLElement = document.body) {
  let seen: KeyboardEvent | null = null;
  const listen = (event: Event) => (seen = event as KeyboardEvent);
  window.addEventListener("keydown", listen, { once: true });
  const event = new KeyboardEvent("keydown", { bubbles: true, ...init });
  if (init.keyCode) Object.defineProperty(event, "keyCode", { value: init.keyCode });
  if (!on.isConnected) document.body.append(on);
  on.dispatchEvent(event);
  return seen as unknown as KeyboardEvent;
}

const field = () => document.createElement("textarea");

test("plain keys are commands outside fields", () => {
  expect(commandOf(press({ key: "J", code: "KeyJ" }))).toBe("j");
  expect(commandOf(press({ key: "/", code: "Slash" }))).toBe("/");
  expect(commandOf(press({ key: "ArrowDown", code: "ArrowDown" }))).toBe("ArrowDown");
});

test("plain keys are letters inside fields, Alt keeps the command", () => {
  expect(commandOf(press({ key: "a", code: "KeyA" }, field()))).toBeNull();
  expect(commandOf(press({ key: "å", code: "KeyA", altKey: true }, field()))).toBe("Alt+a");
  expect(commandOf(press({ key: "2", code: "Digit2", altKey: true }, field()))).toBe("Alt+2");
});

test("nothing is a command while an input method composes", () => {
  const composing = press({ key: "a", code: "KeyA", isComposing: true });
  expect(isComposing(composing)).toBe(true);
  expect(commandOf(composing)).toBeNull();
  expect(commandOf(press({ key: "Process", code: "KeyA", keyCode: 229 }))).toBeNull();
  expect(
    commandOf(press({ key: "a", code: "KeyA", altKey: true, isComposing: true }, field())),
  ).toBeNull();
});

test("browser shortcuts and open dialogs are left alone", () => {
  expect(commandOf(press({ key: "r", code: "KeyR", ctrlKey: true }))).toBeNull();
  const dialog = document.createElement("dialog");
  dialog.setAttribute("open", "");
  document.body.append(dialog);
  expect(commandOf(press({ key: "a", code: "KeyA" }))).toBeNull();
});

test("Enter on a link or a button is theirs", () => {
  expect(
    commandOf(press({ key: "Enter", code: "Enter" }, document.createElement("button"))),
  ).toBeNull();
  expect(commandOf(press({ key: "Enter", code: "Enter" }))).toBe("Enter");
});
