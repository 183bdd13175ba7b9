"""Full-size training folders of the CIFAR-10 network, from and to TensorFlow. What is computed is printed as JSON.

usage: model-pruning.py write DIR RECORDS IMAGES ref|resource     trains and saves
       model-pruning.py continue DIR RECORDS IMAGES TARGET        restores DIR's latest checkpoint, trains on, saves to TARGET
"""

import json
import pathlib
import sys

import numpy as np
import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "fixtures" / "model-pruning"))
from masking import Pruning
from networks import CIFAR10, batch_from_queues, cifar10_training

v1 = tf.compat.v1
SEED, BATCH, STEPS = 7, 8, 4
DEQUEUE, LOGITS = "data_augmentation/shuffle_batch:0", "softmax_linear/softmax_linear_2:0"

command, folder, records, images_file, last = sys.argv[1:]
images = np.fromfile(images_file, np.float32).reshape(-1, 24, 24, 3)


def pruning(step):
    return Pruning("cifar10_pruning", step, sparsity=0.75)


def momentum(rate):
    return v1.train.MomentumOptimizer(rate, 0.9)


def build(optimizer):
    pictures, labels = batch_from_queues([records], CIFAR10, BATCH)
    return cifar10_training(pictures, labels, CIFAR10, BATCH, pruning, optimizer=optimizer)


def train(session, training):
    """Returns the losses."""
    coordinator = v1.train.Coordinator()
    threads = v1.train.start_queue_runners(session, coordinator)
    losses = [session.run([training.loss, training.train])[0] for _ in range(STEPS)]
    coordinator.request_stop()
    coordinator.join(threads, ignore_live_threads=True, stop_grace_period_secs=5)
    return [float(loss) for loss in losses]


def logits(session):
    batches = np.split(images, len(images) // BATCH)
    return np.concatenate([session.run(LOGITS, {DEQUEUE: batch}) for batch in batches])


def averaged_logits(session):
    variables = {variable.op.name: variable for variable in v1.global_variables()}
    for variable in v1.trainable_variables():
        average = variables[variable.op.name + "/ExponentialMovingAverage"]
        variable.load(session.run(average), session)
    return logits(session)


def describe(session, training, **others):
    raw = logits(session)
    (last_update,) = [
        variable
        for variable in v1.global_variables()
        if variable.op.name == "cifar10_pruning/last_mask_update_step"
    ]
    step, last_update = session.run([training.step, last_update])
    print(
        json.dumps(
            {
                "variables": len(v1.global_variables()),
                "step": int(step),
                "lastMaskUpdateStep": int(last_update),
                "logits": raw.ravel().tolist(),
                "averagedLogits": averaged_logits(session).ravel().tolist(),
                **others,
            }
        )
    )


v1.disable_v2_behavior()
v1.set_random_seed(SEED)
if command == "write" and last == "resource":
    v1.enable_resource_variables()
training = build(momentum if command == "write" else None)
saver = v1.train.Saver()
with v1.Session() as session:
    session.run([v1.global_variables_initializer(), v1.local_variables_initializer()])
    if command == "continue":
        saver.restore(session, tf.train.latest_checkpoint(folder))
        restored = logits(session).ravel().tolist()
        losses = train(session, training)
        saver.save(session, last + "/model.ckpt", global_step=training.step)
        describe(session, training, restored=restored, losses=losses)
    else:
        losses = train(session, training)
        saver.save(session, folder + "/model.ckpt", global_step=training.step)
        describe(session, training, losses=losses)
