import { fileURLToPath } from 'node:url';

/** @type {import('next').NextConfig} */
export default {
  // Else Next takes the folder of the outermost lock file for the project's.
  turbopack: { root: fileURLToPath(new URL('.', import.meta.url)) },
};
