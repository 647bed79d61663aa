import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const exchange = process.env.EXCHANGE_URL ?? "http://127.0.0.1:8000";

// Page and API are one origin: here by this proxy, in a deployment by the load balancer.
const proxy = {
  "/graphql": { target: exchange, ws: true },
  "/auth": { target: exchange },
};

export default defineConfig({
  base: process.env.BASE_PATH ?? "/app/",
  plugins: [react()],
  build: {
    // As files, not as data: addresses, which the policy below refuses.
    assetsInlineLimit: 0,
  },
  server: { proxy },
  // What `npm run build` made, with the policy under which a deployment serves it.
  preview: { proxy, headers: { "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'" } },
});
