import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

const api = process.env["CHENGSHU_API"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [vue()],
  define: { __VUE_OPTIONS_API__: "false", __INTLIFY_PROD_DEVTOOLS__: "false" },
  build: {
    outDir: "../src/chengshu/app/static",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 1200,
  },
  worker: { format: "es" },
  server: { proxy: { "/api": { target: api, changeOrigin: false } } },
  // The same policy as the back end sends, so that pictures and tours meet it.
  preview: {
    headers: {
      "Content-Security-Policy":
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; " +
        "worker-src 'self' blob:; connect-src 'self'; object-src 'none'",
    },
    proxy: { "/api": { target: api, changeOrigin: false } },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
});
