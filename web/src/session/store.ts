/** Who is signed in, in which city, and what that role sees first. */
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { api } from "../api/calls";
import { ApiError, configure } from "../api/client";
import type { City, Me } from "../api/types";
import { connect, hangUp } from "../live/live";
import { homeOf } from "./roles";

export const useSession = defineStore("session", () => {
  const me = shallowRef<Me | null>(null);
  const city = shallowRef<City | null>(null);
  const asked = ref(false);

  const home = computed(() => homeOf(me.value?.role));

  function take(next: Me | null): void {
    me.value = next;
    configure({ csrf: next?.csrf ?? "" });
    if (next) connect(next.account);
    else hangUp();
  }

  async function loadCity(): Promise<void> {
    if (city.value) return;
    city.value = await api.city();
  }

  /** Ask once whether this browser is already signed in. */
  async function load(): Promise<void> {
    if (asked.value) return;
    try {
      take(await api.me());
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === 0) throw error;
      take(null);
    }
    asked.value = true;
  }

  async function login(name: string, password: string): Promise<void> {
    take(await api.login(name, password));
    asked.value = true;
  }

  async function logout(): Promise<void> {
    await api.logout().catch(() => undefined);
    take(null);
  }

  return { me, city, home, loadCity, load, login, logout, signedOut: () => take(null) };
});
