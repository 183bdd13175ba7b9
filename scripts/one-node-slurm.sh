#!/usr/bin/env bash
# Runs a command with a Slurm of this one machine, which ends with it. Needs root and Debian's slurm-wlm and munge.
#   scripts/one-node-slurm.sh COMMAND...
set -euo pipefail
host=$(hostname -s)
folder=$(mktemp -d)
cat > "$folder/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$folder/controller
SlurmdSpoolDir=$folder/node
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
SlurmctldPort=16817
SlurmdPort=16818
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$folder/slurm.conf
head -c 1024 /dev/urandom > "$folder/munge.key"
chmod 400 "$folder/munge.key"
stop() {
  for daemon in slurmctld slurmd munged; do
    if [ -f "$folder/$daemon.pid" ]; then kill "$(cat "$folder/$daemon.pid")" 2>/dev/null || true; fi
  done
  # The daemons write their state when they end.
  for _ in $(seq 50); do
    if rm -rf "$folder" 2>/dev/null; then break; fi
    sleep 0.1
  done
}
trap stop EXIT
# --force: the folder of the socket is not munge's own.
munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
  --log-file="$folder/munged.log" --seed-file="$folder/munged.seed"
slurmctld -f "$SLURM_CONF"
slurmd -f "$SLURM_CONF" -N "$host"
for _ in $(seq 100); do
  if sinfo --noheader --format=%t 2>/dev/null | grep -q idle; then "$@"; exit; fi
  sleep 0.2
done
tail -n 20 "$folder"/*.log >&2
echo 'Slurm does not come up' >&2
exit 1
