/** As much of a browser as a redirect flow needs: cookies, and going where it is sent. */
export class Browser {
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>();

  readonly #reach: (address: string) => string;

  /** @param reach where an address is really found; default there */
  constructor(reach = (address: string) => address) {
    this.#reach = reach;
  }

  /** One request, not followed. */
  async get(address: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address);
    const reply = await fetch(this.#reach(url.href), {
      redirect: 'manual',
      ...init,
      headers: { accept: 'text/html', ...Object(init.headers), cookie: this.#sent(url.pathname) },
    });
    for (const line of reply.headers.getSetCookie()) this.#keep(line);
    return reply;
  }

  /** Follows redirects until one leads to `until`, or until there is a page. */
  async go(address: string, until: string): Promise<{ readonly address: string; page?: Response }> {
    let at = address;
    for (let hop = 0; hop < 20; hop += 1) {
      if (at.startsWith(until)) return { address: at };
      const reply = await this.get(at);
      const next = nextOf(reply);
      if (next === undefined) return { address: at, page: reply };
      at = new URL(next, at).href;
    }
    throw new Error(`it goes round and round: ${at}`);
  }

  async post(
    address: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return this.get(address, { method: 'POST', headers, body: new URLSearchParams(fields) });
  }

  cookie(name: string): string {
    return this.#cookies.get(name)?.value ?? '';
  }

  #sent(path: string): string {
    return [...this.#cookies]
      .filter(([, cookie]) => path.startsWith(cookie.path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const [name = '', ...value] = pair.split('=');
    const path = attributes.find((item) => /^path=/i.test(item))?.slice(5) ?? '/';
    if (value.join('=') === '') this.#cookies.delete(name);
    else this.#cookies.set(name, { value: value.join('='), path });
  }
}

const nextOf = (reply: Response): string | undefined =>
  reply.headers.get('location') ?? reply.headers.get('refresh')?.replace(/^0; url=/, '');
