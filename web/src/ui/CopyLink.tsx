import { useEffect, useState } from "react";
import { copyLink } from "../shown/link";

/** Copies the address of what is shown, and says so for a moment. */
export function CopyLink() {
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    if (said === null) return undefined;
    const timer = setTimeout(() => setSaid(null), 2_000);
    return () => clearTimeout(timer);
  }, [said]);
  async function copy(): Promise<void> {
    setSaid((await copyLink()) ? "✓ Link copied" : "Copy it from the address bar");
  }
  return (
    <button type="button" className="quiet" onClick={() => void copy()} aria-live="polite">
      {said ?? "Copy link"}
    </button>
  );
}
