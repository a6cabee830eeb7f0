// Pictures: bundles from the server are decoded and drawn whole, so that columns of one moment change together.

const decoder = new TextDecoder();
const WINDOW_MS = 2000, LONG_MS = 10000, FEW = 4;  // what comes seldom is counted over a longer time

export class Screens {
  constructor() { this.bitmaps = new Map(); this.targets = new Map(); this.drawn = new Map(); this.facts = new Map(); }

  // Where a column's picture goes; the newest one is drawn there at once.
  attach(column, canvas) {
    if (!this.targets.has(column)) this.targets.set(column, new Set());
    this.targets.get(column).add(canvas);
    this.paint(column);
  }

  detach(canvas) { for (const canvases of this.targets.values()) canvases.delete(canvas); }

  paint(column) {
    const bitmap = this.bitmaps.get(column);
    if (!bitmap) return;
    for (const canvas of this.targets.get(column) ?? []) {
      if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
        canvas.width = bitmap.width; canvas.height = bitmap.height;
      }
      canvas.getContext("2d", { alpha: false }).drawImage(bitmap, 0, 0);
    }
  }

  // Decode a bundle and draw it with the next repaint; gives its number, which the server waits for.
  async show(buffer) {
    const arrived = performance.now();
    const length = new DataView(buffer).getUint32(0, true);
    const head = JSON.parse(decoder.decode(new Uint8Array(buffer, 4, length)));
    let at = 4 + length;
    const decoding = head.pictures.map(entry => {
      const blob = new Blob([new Uint8Array(buffer, at, entry.bytes)], { type: "image/jpeg" });
      at += entry.bytes;
      return createImageBitmap(blob);
    });
    const bitmaps = await Promise.all(decoding);
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    head.pictures.forEach((entry, index) => {
      this.bitmaps.get(entry.column)?.close();
      this.bitmaps.set(entry.column, bitmaps[index]);
      this.facts.set(entry.column, { ...entry, age_ms: entry.age_ms + now - arrived, drawn: now });
      const times = this.drawn.get(entry.column) ?? [];
      times.push(now);
      while (times.length > 240) times.shift();
      this.drawn.set(entry.column, times);
      this.paint(entry.column);
    });
    return head.bundle;
  }

  fps(column) {
    const now = performance.now(), all = this.drawn.get(column) ?? [];
    const recent = all.filter(time => now - time < WINDOW_MS);
    const times = recent.length >= FEW ? recent : all.slice(-FEW).filter(time => now - time < LONG_MS);
    return times.length < 2 ? 0 : 1000 * (times.length - 1) / (now - times[0]);
  }
}
