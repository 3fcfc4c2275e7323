# Compiled output, migrations and production dependencies, run by a user without rights.
FROM node:24-slim AS build
WORKDIR /countersign
COPY package.json package-lock.json .npmrc ./
# No install script is needed: argon2 ships its binaries, and the image is the Node to run on.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY src ./src
COPY scripts/copy-assets.mjs ./scripts/
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
WORKDIR /countersign
ENV NODE_ENV=production HOST=0.0.0.0
COPY --from=build /countersign/package.json ./
COPY --from=build /countersign/node_modules ./node_modules
COPY --from=build /countersign/dist ./dist
COPY bin ./bin
COPY migrations ./migrations
USER node
EXPOSE 8080
ENTRYPOINT ["node", "bin/countersign.js"]
CMD ["serve"]
