"""Keep small files on the server: write one, list them, read it back, remove it.

python examples/keep_user_data.py
"""

import json

from comfy_cloud import ComfyCloud

FOLDER = "comfy-cloud-example"

with ComfyCloud() as cloud:
    cloud.userdata.write(f"{FOLDER}/styles.json", {"warm": "golden light", "cold": "overcast, blue hour"})
    for file in cloud.userdata.list(FOLDER):
        print(file.path, file.size, "bytes")
    styles = json.loads(cloud.userdata.read(f"{FOLDER}/styles.json"))
    print(styles["warm"])
    cloud.userdata.delete(f"{FOLDER}/styles.json")
