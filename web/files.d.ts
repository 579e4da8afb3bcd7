/* What the bundler makes of files that hold no code. */
declare module '*.css';
declare module '*.yml' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: it is how esbuild hands over a text.
  export default text;
}
