#!/bin/bash
# Slurm of a head and two computers, each with a name and a network of its own. slurm.ts starts it in namespaces of its own, so that
# everything in it ends with this script, which ends with its input.
set -eu
folder=$1
read -r outside _ < /proc/self/stat

mount -t proc proc /proc
# what Slurm, MUNGE and sshd keep in usual places is kept here
mount -t tmpfs tmpfs /run
mkdir -p /run/munge /run/sshd "$folder/etc" "$folder/state"
printf '127.0.0.1 localhost\n10.77.0.1 head\n10.77.0.11 n1\n10.77.0.12 n2\n' > "$folder/hosts"
mount --bind "$folder/hosts" /etc/hosts

cat > "$folder/etc/slurm.conf" << END
ClusterName=test
SlurmctldHost=head(10.77.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2,bf_interval=2
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
NodeName=n1 NodeAddr=10.77.0.11 CPUs=1
NodeName=n2 NodeAddr=10.77.0.12 CPUs=1
PartitionName=usual Nodes=n1,n2 Default=YES PriorityTier=1 GraceTime=60
PartitionName=urgent Nodes=n1,n2 PriorityTier=2 PreemptMode=OFF
END
echo 'CgroupPlugin=disabled' > "$folder/etc/cgroup.conf"
mount --bind "$folder/etc" /etc/slurm

hostname head
ip link set lo up
ip link add bridge0 type bridge
ip addr add 10.77.0.1/24 dev bridge0
ip link set bridge0 up
for n in 1 2; do
  ip netns add "n$n"
  ip link add "port$n" type veth peer name eth0 netns "n$n"
  ip link set "port$n" master bridge0 up
  ip -n "n$n" link set lo up
  ip -n "n$n" addr add "10.77.0.1$n/24" dev eth0
  ip -n "n$n" link set eth0 up
done

head -c 128 /dev/urandom > /run/munge/key
chmod 600 /run/munge/key
munged --foreground --key-file /run/munge/key --log-file /run/munge/log --seed-file /run/munge/seed > "$folder/munged.log" 2>&1 &
slurmctld -D > /dev/null 2>&1 &
for n in 1 2; do
  ip netns exec "n$n" unshare --uts sh -c "hostname n$n; exec slurmd -D" > /dev/null 2>&1 &
done
until [ "$(sinfo -h -p usual -t idle -o %D 2> /dev/null)" = 2 ]; do sleep 0.2; done
echo "$outside"
cat > /dev/null
