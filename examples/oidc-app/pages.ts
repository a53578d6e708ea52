import type { Session } from './sessions.ts';

type Person = NonNullable<Session['person']>;

const STYLE = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif;
    background: light-dark(#fff, #14181d); color: light-dark(#16202c, #e8edf3) }
  a { color: light-dark(#0b5cad, #7db7f5) }
  body { max-width: 40rem; margin: 0 auto; padding: 1rem }
  header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center;
    border-bottom: 1px solid #8888; padding-bottom: 1rem }
  header b { flex: 1 0 10rem }
  h1 { font-size: 1.6rem }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem }
  dt { color: light-dark(#51606f, #a5b2c0) }
  dd { margin: 0; overflow-wrap: anywhere }
  form { display: inline }
  button { font: inherit; padding: .3rem .8rem }
  table { border-collapse: collapse }
  td, th { padding: .3rem 1.5rem .3rem 0; text-align: left; border-bottom: 1px solid #8888 }`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** For a text that somebody else chose, in an element or a quoted attribute. */
const escaped = (text: unknown): string =>
  String(text).replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');

const render = (title: string, main: string, person?: Person): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${title} – Timesheets</title>
<style>${STYLE}</style>
<header>
<b>Timesheets</b>
<a href="/">Home</a> <a href="/hours">Hours</a> <a href="/payroll">Payroll</a>
${person === undefined ? '<a href="/sign-in">Sign in</a>' : SIGN_OUT}
</header>
<main>
<h1>${title}</h1>
${main}
</main>
</html>
`;

const SIGN_OUT = '<form method="post" action="/sign-out"><button>Sign out</button></form>';

const nameOf = ({ name }: Person): string => escaped(name);

const wordsOf = (values: unknown): string => escaped(Array.isArray(values) ? values.join(' ') : '');

export function homePage(person: Person | undefined): string {
  if (person === undefined) {
    return render('Welcome', '<p>Nobody is signed in.</p><p><a href="/sign-in">Sign in</a></p>');
  }
  const { claims } = person;
  const since = new Date(Number(claims.auth_time) * 1000).toUTCString();
  const facts = `<dl>
<dt>Account</dt><dd id="sub">${escaped(claims.sub)}</dd>
<dt>Strength (<code>acr</code>)</dt><dd id="acr">${escaped(claims.acr)}</dd>
<dt>Proved by (<code>amr</code>)</dt><dd id="amr">${wordsOf(claims.amr)}</dd>
<dt>Since</dt><dd><time>${since}</time></dd>
</dl>
<form method="post" action="/refresh"><button>Refresh</button></form>`;
  return render(`Welcome, ${nameOf(person)}`, facts, person);
}

export const hoursPage = (person: Person): string =>
  render(
    'Hours',
    `<p>${nameOf(person)}, this week:</p>
<table>
<tr><th scope="col">Day</th><th scope="col">Hours</th></tr>
<tr><td>Monday</td><td>7.5</td></tr>
<tr><td>Tuesday</td><td>8</td></tr>
</table>`,
    person,
  );

export const payrollPage = (person: Person): string =>
  render('Payroll', `<p>${nameOf(person)}, you may release this month's payments.</p>`, person);

/** @param again where the same can be tried once more */
export const refusalPage = (reason: string, again: string, person: Person | undefined): string =>
  render(
    'This cannot be opened',
    `<p role="alert">${escaped(reason)}</p>
<p><a href="${escaped(again)}">Try again</a></p>`,
    person,
  );
