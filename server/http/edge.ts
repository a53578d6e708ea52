import Koa from 'koa';

type Middleware = (context: Koa.Context) => Promise<void>;
type HandleRequest = (this: Koa, context: Koa.Context, middleware: Middleware) => Promise<void>;

/** Koa's own, which its types do not tell of. */
const handleRequest = Reflect.get(Koa.prototype, 'handleRequest') as HandleRequest;
const NOTHING = 404;

/**
 * Koa, which watches a reply to its end only where it sends the reply itself. What the middleware
 * has sent already (`context.respond` is false) is not watched a second time, nor asked what it is:
 * that has its price at each verify, and there is nothing left to be done.
 */
export class Edge extends Koa {
  handleRequest(context: Koa.Context, middleware: Middleware): Promise<void> {
    const { res } = context;
    res.statusCode = NOTHING;
    return middleware(context).then(
      () => {
        if (context.respond === false) return undefined;
        const { statusCode } = res;
        return handleRequest.call(this, context, async () => {
          res.statusCode = statusCode;
        });
      },
      (error: unknown) => handleRequest.call(this, context, () => Promise.reject(error)),
    );
  }
}
