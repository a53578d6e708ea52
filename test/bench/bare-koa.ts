import type { AddressInfo } from 'node:net';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';

/** What the ratio is taken against: Koa, its router and its body parser echoing the body. */
const app = new Koa();
const router = new Router();
router.post('/v1/verify', (ctx) => {
  ctx.body = ctx.request.body;
});
app.use(bodyParser());
app.use(router.routes());
const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ address: `http://127.0.0.1:${port}` })}\n`);
});
