/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { basemap } from "./build/basemap.ts";
import { compressed } from "./build/compressed.ts";

const pages = fileURLToPath(
  new URL("../src/crossdock/platform/server/pages/static", import.meta.url),
);

export default defineConfig({
  plugins: [react(), basemap(), compressed(pages)],
  build: {
    outDir: pages,
    emptyOutDir: true,
    target: ["chrome123", "firefox121", "safari17.5"],
    // What is inlined as a data: address is not cached and is refused by the server's policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { isolate: false },
  server: { proxy: { "/v1": "http://127.0.0.1:8000", "/session": "http://127.0.0.1:8000" } },
});
