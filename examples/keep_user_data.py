"""Keep small files on the server: write a file, list the folder, read the file, delete it.

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
