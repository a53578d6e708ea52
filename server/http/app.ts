import Router from '@koa/router';
import type Koa from 'koa';
import mount from 'koa-mount';
import { elapsedBy } from '../../shared/clock.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { OPERATIONS, type OperationId } from '../../shared/wire/operations.ts';
import { MATRIX } from '../access/matrix.ts';
import { authenticateLocalOwner, bearerAuthentication } from './authentication.ts';
import type { AppDependencies, AppOptions } from './dependencies.ts';
import { Edge } from './edge.ts';
import { createHandlers } from './handlers/handlers.ts';
import { openApiDocument } from './openapi.ts';
import { createOperation, type Seen } from './operation.ts';
import { renderProblem } from './problem.ts';
import { createSender } from './reply.ts';
import { discardRest, isBrokenOff } from './request-body.ts';
import { createRequestIds } from './request-id.ts';
import { createSources } from './source.ts';

const OPENAPI_PATH = '/openapi.json';

/** The Koa application of /v1. Give `app.callback()` to one or more HTTP servers. */
export function createApp(dependencies: AppDependencies, options: AppOptions = {}): Koa {
  const app = new Edge();
  app.use(createEnvelope(dependencies));
  const operations = createOperations(dependencies, options);
  app.use(createDirectory(operations));
  app.use(createRouter(operations, dependencies, options).routes());
  if (!options.localOwner) mountEdges(app, dependencies);
  app.use(refuseUnrouted);
  app.on('error', (error: unknown) => {
    // A caller that hung up has lost its reply; that is its own affair.
    if (!isBrokenOff(error)) dependencies.log.error({ err: error }, 'a reply failed');
  });
  return app;
}

/** Cookies are signed by the outer application's keys, also those of what is mounted in it. */
function mountEdges(app: Koa, { mounts = [], cookieKeys }: AppDependencies): void {
  if (cookieKeys !== undefined) app.keys = [...cookieKeys];
  for (const { path, app: inner } of mounts) app.use(mount(path, inner));
}

/** What every reply has, and the one place where an error becomes one. */
function createEnvelope(dependencies: AppDependencies): Koa.Middleware {
  const { lab, log, rng, status } = dependencies;
  const { isStopping = () => status() === 'stopping' } = dependencies;
  const requestIdOf = createRequestIds(rng);
  const watch = createWatch(dependencies);
  const standing = ['Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff'];
  if (lab !== undefined) standing.push('Fobd-Lab', 'true');
  const usual = createSender(standing);
  const closing = createSender([...standing, 'Connection', 'close']);
  return async function envelope(context, next) {
    const seen: Seen = context.state;
    const requestId = requestIdOf(context.req);
    seen.requestId = requestId;
    watch?.(context);
    const sender = isStopping() ? closing : usual;
    try {
      await next();
      if (seen.reply !== undefined) sender.json(context, seen.reply, requestId);
    } catch (error) {
      renderProblem(context, error, { requestId, log });
    }
    if (context.respond !== false) sender.setHeaders(context, requestId);
    if (!context.req.complete) discardRest(context.req);
  };
}

/** Tells of each request when its reply is out, or the caller gone. */
function createWatch({
  observe,
  clock,
  elapsedMillis = elapsedBy(clock),
}: AppDependencies): ((context: Koa.Context) => void) | undefined {
  if (observe === undefined) return undefined;
  const tell = ({ state, res }: Koa.Context, began: number): void => {
    const { requestId = '', operation, actor, reply }: Seen = state;
    observe({
      requestId,
      operation,
      actor,
      status: res.statusCode,
      outcome: outcomeOf(reply?.value),
      millis: elapsedMillis() - began,
      aborted: !res.writableFinished,
    });
  };
  return (context) => {
    const began = elapsedMillis();
    context.res.on('close', () => tell(context, began));
  };
}

function outcomeOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('outcome' in body)) return undefined;
  return typeof body.outcome === 'string' ? body.outcome : undefined;
}

type Operations = ReadonlyMap<OperationId, (context: Koa.Context) => Promise<void>>;

/** One a row of `OPERATIONS`; those of the lab only in a lab. */
function createOperations(
  dependencies: AppDependencies,
  { localOwner = false }: AppOptions,
): Operations {
  const { clock, lab } = dependencies;
  const handlers = createHandlers(dependencies);
  // Whoever can open the owner's own socket could stop fobd: limits would protect nothing there.
  const limits = localOwner ? undefined : dependencies.limits;
  const sourceOf = createSources(dependencies.trustedProxies ?? []);
  const authenticate = localOwner
    ? authenticateLocalOwner
    : bearerAuthentication({ ...dependencies, sourceOf, limits });
  const common = { handlers, authenticate, clock, localOwner, limits };
  const ids = Object.keys(OPERATIONS) as OperationId[];
  const offered = ids.filter((id) => lab !== undefined || !MATRIX[id].lab);
  return new Map(offered.map((id) => [id, createOperation(id, common)]));
}

/** Paths without parameters are looked up; the router would try every route's expression. */
function createDirectory(operations: Operations): Koa.Middleware {
  const directory = new Map<string, (context: Koa.Context) => Promise<void>>();
  for (const [id, operation] of operations) {
    const { method, path } = OPERATIONS[id];
    if (!path.includes('{')) directory.set(`${method} ${path}`, operation);
  }
  return (context, next) => {
    const { method, url = '' } = context.req;
    const path = url.includes('?') ? context.path : url;
    const operation = directory.get(`${method} ${path}`);
    return operation === undefined ? next() : operation(context);
  };
}

function createRouter(
  operations: Operations,
  { lab, limits: given, trustedProxies = [] }: AppDependencies,
  { localOwner = false }: AppOptions,
): Router<Koa.DefaultState, Koa.DefaultContext> {
  const router = new Router({ sensitive: true, strict: true });
  for (const [id, operation] of operations) {
    const { method, path } = OPERATIONS[id];
    router.register(path.replaceAll(/\{(\w+)\}/g, ':$1'), [method], operation);
  }
  // It is large, and strangers may have it.
  const limits = localOwner ? undefined : given;
  const sourceOf = createSources(trustedProxies);
  // Made when somebody asks for it: most commands that open fobd for themselves never do.
  let document: string | undefined;
  router.get(OPENAPI_PATH, (context) => {
    limits?.stranger(sourceOf(context.req).countedAs);
    document ??= JSON.stringify(openApiDocument({ lab: lab !== undefined }));
    context.type = 'application/json';
    context.body = document;
  });
  return router;
}

/** No route took it: its path is unknown, or known by other methods. */
function refuseUnrouted(context: Koa.Context): never {
  const matched: readonly { readonly methods: readonly string[] }[] = context['matched'] ?? [];
  const methods = [...new Set(matched.flatMap((layer) => layer.methods))].sort();
  if (methods.length === 0) {
    throw new FobtwinError('notFound', 'There is nothing at this path.', {
      nextStep: `The paths are listed in ${OPENAPI_PATH}.`,
    });
  }
  context.set('Allow', methods.join(', '));
  throw new FobtwinError('methodNotAllowed', 'This path does not take this method.', {
    nextStep: `It takes ${methods.join(' and ')}.`,
  });
}
