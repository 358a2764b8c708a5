import { Command } from 'commander';
import { tailCommand } from './tail';

/** `orderly kpi` */
export const kpiCommand = (): Command =>
  new Command('kpi').description('The KPIs and their events.').addCommand(tailCommand());
