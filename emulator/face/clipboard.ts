/** Copies a code, and takes it back from the clipboard when it has had its time. */
export interface Copier {
  copy(code: string): Promise<void>;
}

export interface CopierEvents {
  readonly onCopied: (code: string) => void;
  readonly onCleared: () => void;
  /** It may still be there: the browser does not let the page look. */
  readonly onLeft: () => void;
  readonly onRefused: () => void;
}

export const CLEAR_MILLIS = 30_000;

export function createCopier(events: CopierEvents): Copier {
  let copied: string | undefined;
  let timer = 0;
  /** Whether somebody may have copied something else since. */
  let wasAway = false;

  const clear = async (): Promise<void> => {
    // A page may touch the clipboard only while it has the focus: it waits for that.
    if (copied === undefined || !document.hasFocus()) return;
    const ours = copied;
    copied = undefined;
    const found = await readClipboard();
    if (found !== undefined && found !== ours) return;
    if (found === undefined && wasAway) {
      events.onLeft();
      return;
    }
    await navigator.clipboard.writeText('');
    events.onCleared();
  };
  const clearOrLeave = (): void => {
    clear().catch(() => events.onLeft());
  };
  let isDue = false;
  window.addEventListener('blur', () => {
    wasAway = true;
  });
  document.addEventListener('copy', () => {
    wasAway = true;
  });
  window.addEventListener('focus', () => {
    if (isDue) clearOrLeave();
  });

  return {
    async copy(code) {
      try {
        await navigator.clipboard.writeText(code);
      } catch {
        events.onRefused();
        return;
      }
      copied = code;
      wasAway = false;
      isDue = false;
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        isDue = true;
        clearOrLeave();
      }, CLEAR_MILLIS);
      events.onCopied(code);
    },
  };
}

/** What is on the clipboard; undefined where the browser does not say without being asked first. */
async function readClipboard(): Promise<string | undefined> {
  try {
    const name = 'clipboard-read' as PermissionName;
    const { state } = await navigator.permissions.query({ name });
    return state === 'granted' ? await navigator.clipboard.readText() : undefined;
  } catch {
    return undefined;
  }
}
