import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const exchange = process.env.EXCHANGE_URL ?? "http://127.0.0.1:8000";

// Page and API share one origin: here by this proxy, in a deployment by the load balancer.
const proxy = {
  "/graphql": { target: exchange, ws: true },
  "/auth": { target: exchange },
};

export default defineConfig({
  base: process.env.BASE_PATH ?? "/app/",
  plugins: [react()],
  build: {
    // As files, not as data: URLs, which the policy below blocks.
    assetsInlineLimit: 0,
  },
  server: { proxy },
  // The result of `npm run build`, with the policy of a deployment.
  preview: { proxy, headers: { "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'" } },
});
