/** How a job is started, looked after and stopped there: by its shell, or by Slurm. Each part is a script of sh, run in the job's folder. */
import { say } from '../../common/words/language.ts';
import type { ProbeCheck } from './facts.ts';
import { quoted } from './shell.ts';
import type { TargetSpec } from './target.ts';

export interface Scheduler {
  /** Starts job.sh, which is written before. */
  readonly start: string;
  /** Prints the state of a job that is in the queue or goes on, and nothing of one that has ended. */
  readonly state: string;
  /** Ends a job that has not begun; one that goes on ends by itself. */
  readonly leaveQueue: string;
  /** Seconds between two looks. */
  readonly pause: number;
  readonly job: (python: string) => string;
  /** The program that it needs there, and what to say where that is missing. */
  readonly program?: { readonly name: string; readonly missing: ProbeCheck };
}

const HEAD = 'echo "Fettle: job begins"';

export function plain({ processes }: TargetSpec): Scheduler {
  return {
    start: 'nohup sh job.sh > /dev/null 2>&1 < /dev/null & echo $! > pid',
    // a process that nobody waited for, as in containers without init, has ended, too
    state:
      '[ -f pid ] && p=$(cat pid) && kill -0 "$p" 2> /dev/null && ! grep -q "^State:.*Z" "/proc/$p/status" 2> /dev/null && echo RUNNING',
    leaveQueue: ':',
    pause: 1,
    job: (python) =>
      [
        '#!/bin/sh',
        `export PYTHON=${quoted(python)}${processes ? ` PROCESSES=${processes}` : ''}`,
        '{',
        HEAD,
        'sh start.sh',
        'echo $? > exit',
        '} >> log.txt 2>&1',
      ].join('\n'),
  };
}

/** Slurm tells a job that its time ends so many seconds before, or a quarter of its time where that is less. */
const WARNED_SECONDS = 120;

export function slurm(spec: TargetSpec): Scheduler {
  const { name, partition, account, gpus, memory, nodes, minutes, processes } = spec;
  const count = processes ?? Math.max(1, gpus ?? 0);
  const options: readonly (readonly [string, string | number | null])[] = [
    ['job-name', `fettle-${name}`],
    ['output', 'log.txt'],
    ['open-mode', 'append'],
    ['signal', `B:TERM@${Math.min(WARNED_SECONDS, 15 * (minutes ?? 60))}`],
    // who resumes it submits it again
    ['no-requeue', ''],
    ['ntasks-per-node', 1],
    // otherwise all processes of a computer would share one core
    ['cpus-per-task', count],
    ['nodes', nodes ?? 1],
    ['partition', partition],
    ['account', account],
    ['gpus-per-node', gpus || null],
    // older targets lack it
    ['mem', memory ? `${memory}G` : null],
    ['time', minutes],
  ];
  const asked = options.flatMap(([option, value]) =>
    value === null ? [] : [`#SBATCH --${option}${value === '' ? '' : `=${value}`}`],
  );
  return {
    // a job that was refused leaves no number
    start: 'sbatch --parsable job.sh > job.new && mv job.new job',
    // where Slurm itself can't be asked, its jobs go on
    state: `[ -f job ] && { q=$(squeue -h -j "$(cut -d ";" -f 1 job)" -o %T 2>&1) && echo "$q" || case $q in *"Invalid job id"*) ;; *) echo UNKNOWN ;; esac; }`,
    leaveQueue: '[ ! -f job ] || scancel --state=PENDING "$(cut -d ";" -f 1 job)" 2> /dev/null || :',
    pause: 3,
    program: {
      name: 'sbatch',
      missing: ({ lineOf }) => (lineOf('program') ? null : say`There is no Slurm: sbatch is missing.`),
    },
    job: (python) =>
      [
        '#!/bin/sh',
        ...asked,
        // before its time ends, or when it is preempted, the training saves
        `trap 'touch out/STOP; echo "Fettle: told to end"' TERM`,
        HEAD,
        'host=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)',
        // another job may be on the same computer
        'port=$((10000 + SLURM_JOB_ID % 20000))',
        // otherwise processes that are started again may find the addresses of those before them
        'export TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1',
        // torchrun says so for several processes; one alone takes all cores of a computer that Slurm doesn't divide
        'export OMP_NUM_THREADS=1',
        `srun --cpus-per-task ${count} ${quoted(python)} -m torch.distributed.run --nnodes "$SLURM_JOB_NUM_NODES" --nproc-per-node ${count} \\`,
        '  --rdzv-id "$SLURM_JOB_ID" --rdzv-backend c10d --rdzv-endpoint "$host:$port" --max-restarts 3 train.py &',
        'wait $!',
        'code=$?',
        // a signal ends the wait, not the training
        'while kill -0 $! 2> /dev/null; do wait $!; code=$?; done',
        'echo $code > exit',
      ].join('\n'),
  };
}
