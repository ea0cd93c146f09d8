/// <reference types="vite/client" />
interface Window {
  /** Incident id → epoch milliseconds when it was first painted; read by benches, never by the product. */
  __chengshuSeen: Map<string, number>;
}
