import fc from 'fast-check';

/** Properties are tried on the same cases every time; FAST_CHECK_SEED=N tries others. */
fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 1) });
