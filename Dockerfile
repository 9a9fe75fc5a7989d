# One image for the API and the worker: the command chooses. Node runs the TypeScript sources as they are, so nothing is
# built; the first stage only installs the production dependencies of the two processes.

FROM node:24-bookworm-slim AS dependencies
ARG PNPM_VERSION=12.21.0
WORKDIR /app
# The lockfile speaks of every workspace package, so each one's manifest must be here.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY apps/api/package.json apps/api/
COPY apps/cli/package.json apps/cli/
COPY apps/simulator/package.json apps/simulator/
COPY apps/worker/package.json apps/worker/
COPY bench/package.json bench/
COPY packages/shared/package.json packages/shared/
# `...` takes in what the two depend on: packages/shared. No devDependencies, neither the CLI nor the simulator.
RUN npx -y pnpm@${PNPM_VERSION} install --prod --frozen-lockfile --filter '@darkroom/api...' --filter '@darkroom/worker...'

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
# The workspace stays linked: Node strips types everywhere but under node_modules, and a link resolves to packages/shared.
COPY --from=dependencies /app ./
COPY apps/api/src apps/api/src
COPY apps/worker/src apps/worker/src
COPY packages/shared/src packages/shared/src
COPY LICENSE ./
# A volume mounted at /data for the first time takes over this directory's owner.
RUN mkdir /data && chown 10001:10001 /data
USER 10001:10001
CMD ["node", "apps/api/src/main.ts"]
