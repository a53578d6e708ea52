import Router from '@koa/router';
import Koa from 'koa';
import { FobtwinError } from '../../shared/errors.ts';
import { OPERATIONS, type OperationId } from '../../shared/wire/operations.ts';
import { MATRIX } from '../access/matrix.ts';
import { authenticateLocalOwner, bearerAuthentication } from './authentication.ts';
import type { AppDependencies, AppOptions } from './dependencies.ts';
import { createHandlers } from './handlers/handlers.ts';
import { openApiDocument } from './openapi.ts';
import { createOperation } from './operation.ts';
import { renderProblem } from './problem.ts';
import { discardRest, isBrokenOff } from './request-body.ts';
import { createRequestIds } from './request-id.ts';

const OPENAPI_PATH = '/openapi.json';

/** The Koa application of /v1. Give `app.callback()` to one or more HTTP servers. */
export function createApp(dependencies: AppDependencies, options: AppOptions = {}): Koa {
  const app = new Koa();
  app.use(createEnvelope(dependencies));
  const operations = createOperations(dependencies, options);
  app.use(createDirectory(operations));
  app.use(createRouter(operations, dependencies).routes());
  app.use(refuseUnrouted);
  app.on('error', (error: unknown) => {
    // A caller that hung up has lost its reply; that is its own affair.
    if (!isBrokenOff(error)) dependencies.log.error({ err: error }, 'a reply failed');
  });
  return app;
}

/** What every reply has, and the one place where an error becomes one. */
function createEnvelope({ lab, log, rng, status }: AppDependencies): Koa.Middleware {
  const requestIdOf = createRequestIds(rng);
  return async function envelope(context, next) {
    const { req, res } = context;
    const requestId = requestIdOf(req);
    res.setHeader('X-Request-Id', requestId);
    res.setHeader('Cache-Control', 'no-store');
    res.setHeader('X-Content-Type-Options', 'nosniff');
    if (lab !== undefined) res.setHeader('Fobd-Lab', 'true');
    if (status() === 'stopping') res.setHeader('Connection', 'close');
    try {
      await next();
    } catch (error) {
      renderProblem(context, error, { requestId, log });
    }
    if (!req.complete) discardRest(req);
  };
}

type Operations = ReadonlyMap<OperationId, (context: Koa.Context) => Promise<void>>;

/** One a row of `OPERATIONS`; those of the lab only in a lab. */
function createOperations(
  dependencies: AppDependencies,
  { localOwner = false }: AppOptions,
): Operations {
  const { applications, clock, lab } = dependencies;
  const handlers = createHandlers(dependencies);
  const authenticate = localOwner ? authenticateLocalOwner : bearerAuthentication(applications);
  const ids = Object.keys(OPERATIONS) as OperationId[];
  const offered = ids.filter((id) => lab !== undefined || !MATRIX[id].lab);
  return new Map(
    offered.map((id) => [id, createOperation(id, { handlers, authenticate, clock, localOwner })]),
  );
}

/** Paths without parameters are looked up; the router would try every route's expression. */
function createDirectory(operations: Operations): Koa.Middleware {
  const directory = new Map<string, (context: Koa.Context) => Promise<void>>();
  for (const [id, operation] of operations) {
    const { method, path } = OPERATIONS[id];
    if (!path.includes('{')) directory.set(`${method} ${path}`, operation);
  }
  return (context, next) => {
    const operation = directory.get(`${context.method} ${context.path}`);
    return operation === undefined ? next() : operation(context);
  };
}

function createRouter(
  operations: Operations,
  { lab }: AppDependencies,
): Router<Koa.DefaultState, Koa.DefaultContext> {
  const router = new Router({ sensitive: true, strict: true });
  for (const [id, operation] of operations) {
    const { method, path } = OPERATIONS[id];
    router.register(path.replaceAll(/\{(\w+)\}/g, ':$1'), [method], operation);
  }
  const document = JSON.stringify(openApiDocument({ lab: lab !== undefined }));
  router.get(OPENAPI_PATH, (context) => {
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
