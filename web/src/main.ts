import { createPinia } from "pinia";
import { createApp, watchEffect } from "vue";
import { configure } from "./api/client";
import App from "./App.vue";
import { i18n, language, speak } from "./i18n";
import { onLive } from "./live/live";
import { router } from "./router";
import { useSession } from "./session/store";
import "./ui/base.css";

const app = createApp(App);
app.use(createPinia());
app.use(i18n);

const session = useSession();
function signedOut(): void {
  session.signedOut();
  const { fullPath, meta } = router.currentRoute.value;
  if (!meta["open"]) void router.push({ path: "/login", query: { next: fullPath } });
}

onLive("bye", signedOut);
configure({
  onSignedOut: signedOut,
  unreachable: () => i18n.global.t("error.unreachable"),
});
speak(language.value);
watchEffect(() => configure({ language: language.value === "zh" ? "zh-CN" : "en" }));

app.use(router);
app.mount("#app");
