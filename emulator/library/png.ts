import { renderPng } from '../picture/render-png.ts';

/** Draws a picture as PNG. In the build for browsers `png-in-browser.ts` stands here. */
export const png: (svg: string, scale: number) => Promise<Uint8Array> = (svg, scale) =>
  renderPng(svg, { scale });
