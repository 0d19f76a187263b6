print("batuta")
