/** After `npm ci`: builds dist where the compiler is installed, else leaves it as it is and says so. */
try {
  const { buildIfStale } = await import("./build.js");
  await buildIfStale();
} catch (error) {
  if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  console.log("tenfold: esbuild is not installed, dist is left as it is (`npm ci` with optional packages builds it)");
}
