import { Command } from 'commander';
import { backfillCommand } from './backfill';
import { checkCommand } from './check';
import { diffCommand } from './diff';
import { explainCommand } from './explain';
import { exportCommand } from './export';
import { listCommand } from './list';
import { rebuildCommand } from './rebuild';
import { reconcileCommand } from './reconcile';
import { showCommand } from './show';
import { tailCommand } from './tail';
import { watchCommand } from './watch';

/** `orderly kpi` */
export const kpiCommand = (): Command =>
  new Command('kpi')
    .description('The KPIs, their definitions and their events.')
    .addCommand(listCommand())
    .addCommand(explainCommand())
    .addCommand(diffCommand())
    .addCommand(checkCommand())
    .addCommand(showCommand())
    .addCommand(watchCommand())
    .addCommand(tailCommand())
    .addCommand(exportCommand())
    .addCommand(rebuildCommand())
    .addCommand(reconcileCommand())
    .addCommand(backfillCommand());
