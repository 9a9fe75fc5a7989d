import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type RequestHandler, Router } from 'express';

/** The page's own parts; everything else in the package is left alone. */
const assets = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

const page = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Darkroom API</title>
  <link rel="icon" href="/docs/favicon-32x32.png">
  <link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
  <div id="page"></div>
  <script src="/docs/swagger-ui-bundle.js"></script>
  <script src="/docs/page.js"></script>
</body>
</html>
`;

const script = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#page', deepLinking: true, validatorUrl: null });\n`;

/** The renderer sets styles of its own; scripts and requests stay ours. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** `/docs`: the document as a readable page. Its parts are served from here; it asks nobody else. */
export function docsRouter(): Router {
  const folder = join(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'), '..');
  const router = Router();
  const own: RequestHandler = (_req, res, next) => {
    res.set('content-security-policy', policy);
    next();
  };
  router.get('/', own, (_req, res) => void res.type('html').send(page));
  router.get('/page.js', own, (_req, res) => void res.type('js').send(script));
  for (const asset of assets) router.get(`/${asset}`, own, (_req, res) => res.sendFile(asset, { root: folder }));
  return router;
}

/** `GET /openapi.json` */
export const openapiRoute =
  (document: object): RequestHandler =>
  (_req, res) =>
    void res.json(document);
