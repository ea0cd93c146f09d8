/** Work orders by id; boxes are lists of ids. */
import { defineStore } from "pinia";
import { shallowRef, triggerRef } from "vue";
import { api } from "../api/calls";
import type { Query } from "../api/client";
import type { Order, Page } from "../api/types";
import { onLive } from "../live/live";

/** How far an order has come: a delta may never take it back, except by a return. */
const latest = (o: Order): number =>
  Math.max(
    ...[o.assigned_at, o.signed_at, o.handled_at, o.closed_at].map((t) => (t ? Date.parse(t) : 0)),
  );

export const useOrders = defineStore("orders", () => {
  const byId = shallowRef(new Map<string, Order>());

  function keep(orders: Order[]): void {
    for (const order of orders) {
      const known = byId.value.get(order.id);
      if (known && latest(known) > latest(order)) continue;
      // A delta says what is, not what this reader may do: keep the verbs until the next read.
      byId.value.set(order.id, order.may ? order : { ...order, may: known?.may ?? [] });
    }
    if (orders.length) triggerRef(byId);
  }

  function drop(ids: string[]): void {
    for (const id of ids) byId.value.delete(id);
    if (ids.length) triggerRef(byId);
  }

  async function load(query: Query): Promise<Page<Order>> {
    const page = await api.orders(query);
    keep(page.items);
    return page;
  }

  onLive("orders", ({ changed, gone }) => {
    keep(changed);
    drop(gone);
  });

  return { byId, keep, drop, load };
});
