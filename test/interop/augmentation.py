"""Augments and evaluates pictures with tf.image, in float32.

usage: augmentation.py INPUT.json     pictures: lists of 3,072 bytes in planes; draws: one augmentation for each picture
"""

import json
import sys

import numpy as np
import tensorflow as tf


def picture(planes):
    return tf.constant(np.array(planes, np.float32).reshape(3, 32, 32).transpose(1, 2, 0))


def augment(image, draw):
    cropped = tf.image.crop_to_bounding_box(image, draw["top"], draw["left"], 24, 24)
    flipped = tf.image.flip_left_right(cropped) if draw["flip"] else cropped
    bright = tf.image.adjust_brightness(flipped, draw["brightness"])
    contrasted = tf.image.adjust_contrast(bright, draw["contrast"])
    return {
        "cropped": cropped,
        "flipped": flipped,
        "bright": bright,
        "contrasted": contrasted,
        "standardized": tf.image.per_image_standardization(contrasted),
    }


def evaluate(image):
    return tf.image.per_image_standardization(tf.image.resize_with_crop_or_pad(image, 24, 24))


def flatten(tensor):
    return tensor.numpy().ravel().tolist()


def main(path):
    with open(path) as file:
        given = json.load(file)
    pictures = [picture(planes) for planes in given["pictures"]]
    stages = [augment(image, draw) for image, draw in zip(pictures, given["draws"])]
    json.dump(
        {
            "training": [{name: flatten(tensor) for name, tensor in images.items()} for images in stages],
            "evaluation": [flatten(evaluate(image)) for image in pictures],
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(sys.argv[1])
