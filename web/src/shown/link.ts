/** Put the address of what is shown where it can be pasted; whether that worked. */
export async function copyLink(): Promise<boolean> {
  try {
    // The clipboard is there over HTTPS and on this machine alone.
    await navigator.clipboard.writeText(location.href);
    return true;
  } catch {
    return false;
  }
}
