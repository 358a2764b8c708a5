import type { Command } from 'commander';
import { partnersRoleCommand } from '../roles';
import { booksCommand } from './books';
import { setCommand } from './set';
import { showCommand } from './show';

/** `orderly partners`: the role itself, and how it is steered and looked at while it runs. */
export const partnersCommand = (): Command =>
  partnersRoleCommand()
    .addCommand(setCommand())
    .addCommand(showCommand())
    .addCommand(booksCommand());
