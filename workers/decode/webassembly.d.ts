/** What is used of the WebAssembly API: the libraries of TypeScript have it only for browsers. */
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }

  class Memory {
    constructor(pages: { readonly initial: number; readonly maximum: number });
    /** Another one after the memory has grown. */
    readonly buffer: ArrayBuffer;
  }

  class Instance {
    constructor(module: Module, imports: { readonly env: { readonly memory: Memory } });
    readonly exports: Readonly<Record<string, unknown>>;
  }

  class RuntimeError extends Error {}

  function compile(bytes: Uint8Array): Promise<Module>;
}
