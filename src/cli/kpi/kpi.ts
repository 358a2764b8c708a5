import { Command } from 'commander';
import { checkCommand } from './check';
import { diffCommand } from './diff';
import { explainCommand } from './explain';
import { listCommand } from './list';
import { tailCommand } from './tail';

/** `orderly kpi` */
export const kpiCommand = (): Command =>
  new Command('kpi')
    .description('The KPIs, their definitions and their events.')
    .addCommand(listCommand())
    .addCommand(explainCommand())
    .addCommand(diffCommand())
    .addCommand(checkCommand())
    .addCommand(tailCommand());
