/** What a file begins with, before anything that reads it is loaded. */

const PICTURES = {
  PNG: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  JPEG: [0xff, 0xd8, 0xff],
  GIF: [0x47, 0x49, 0x46, 0x38],
  BMP: [0x42, 0x4d],
  TIFF: [0x49, 0x49, 0x2a, 0x00],
  PDF: [0x25, 0x50, 0x44, 0x46],
  WebP: [0x52, 0x49, 0x46, 0x46],
} as const;
type PictureFormat = keyof typeof PICTURES;

/** What kind of picture begins with these bytes; undefined for text. Eight of them are enough. */
export function pictureFormat(start: Uint8Array): PictureFormat | undefined {
  const formats = Object.keys(PICTURES) as PictureFormat[];
  return formats.find((format) => PICTURES[format].every((byte, at) => start[at] === byte));
}
