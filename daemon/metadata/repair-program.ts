/** Repairs the database in the directory of its argument; a program of its own, for LevelDB may end the process. */
import { LevelEngine } from './engine.ts';

await LevelEngine.repair(process.argv[2] ?? '');
