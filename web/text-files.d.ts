// The bundler makes strings of these files.
declare module '*.yml' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: what the bundler makes of a file
  export default text;
}
