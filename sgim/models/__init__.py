"""Neural networks: CLIP's towers, audio encoders, generators, the recognition network, the judge.

pictures, log-mels, tokens -> features of unit norm; z -> ws -> pictures in [-1, 1].
The networks of Lee et al. (arXiv 2112.00007, 2208.14114), without compiled operations.
"""

from sgim.lazy_names import lazy_names

# Public names are imported when they are first used.
__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "arcface": ["ArcFace", "crop_faces"],
        "audio_encoder": ["AudioEncoder", "AudioEncoderConfig"],
        "clip": ["preprocess_images"],
        "generators": ["convert_generator", "load_generator", "save_generator"],
        "modulated_conv": ["modulated_conv2d", "modulated_conv2d_per_sample", "upsample2d"],
        "sgim_audio": ["SgimAudioEncoder", "SgimFrontEnd"],
        "stylegan2": ["RESOLUTIONS", "StyleGAN2", "StyleGAN2Config", "channel_plan", "mix_styles"],
        "stylegan3": ["StyleGAN3"],
        "stylegan3_plan": ["StyleGAN3Config", "stylegan3_channels"],
        "stylegan3_synthesis": ["transform_for"],
    },
)
